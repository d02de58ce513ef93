"""Kernel matrices, log densities and predictions of scikit-learn, in doubles.

    pip install scikit-learn
    python gaussianProcess.py > gaussianProcess.json && npx biome format --write gaussianProcess.json
"""
import numpy as np, json
from sklearn.gaussian_process import GaussianProcessRegressor as G
from sklearn.gaussian_process.kernels import *
x=np.array([[0.,0.3],[0.7,-0.2],[1.1,1.0],[2.4,0.1],[3.0,-1.3]])
xn=np.array([[0.4,0.],[2.9,-1.0],[5.,2.]])
y=np.array([0.1,0.8,1.2,0.3,-0.7])
ks={
 "squaredExponential":1.44*RBF([0.8,1.7]),
 "matern1":1.44*Matern([0.8,1.7],nu=.5),
 "matern3":1.44*Matern([0.8,1.7],nu=1.5),
 "matern5":1.44*Matern([0.8,1.7],nu=2.5),
 "linear":0.49*DotProduct(sigma_0=0),
 "constantAndWhite":ConstantKernel(0.81)+WhiteKernel(0.36),
 "joined":(1.44*RBF([0.8,1.7])+WhiteKernel(0.04))*ConstantKernel(0.5)+0.49*DotProduct(sigma_0=0),
}
out={}
for n,k in ks.items():
    A=k(x)+0.09*np.eye(5)
    g=G(k,alpha=0.09,optimizer=None).fit(x,y)
    m,c=g.predict(xn,return_cov=True)
    out[n]=dict(matrix=k(x).ravel().tolist(),logDensity=g.log_marginal_likelihood_value_,mean=m.tolist(),covariance=c.ravel().tolist())
# one column
k=0.49*ExpSineSquared(length_scale=1.3,periodicity=2.1)
g=G(k,alpha=0.09,optimizer=None).fit(x[:,:1],y)
m,c=g.predict(xn[:,:1],return_cov=True)
out["periodic"]=dict(matrix=k(x[:,:1]).ravel().tolist(),logDensity=g.log_marginal_likelihood_value_,mean=m.tolist(),covariance=c.ravel().tolist())
import sklearn
print(json.dumps({"from":"scikit-learn "+sklearn.__version__,"kernels":out},indent=1))
